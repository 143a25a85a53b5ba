"""The matcher's engine: pure Python over NumPy, SciPy and scikit-learn. It knows no framework, no clock and no database."""
