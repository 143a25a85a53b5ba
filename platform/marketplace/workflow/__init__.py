"""The one door: tables of states and moves, and `perform`, the only way a state changes."""
