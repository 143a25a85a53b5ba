"""Settings by deployment: base is common; dev serves the demonstration and the story; test the tests; prod everything real."""
