"""The matcher's engine: Python over NumPy, SciPy, numba and scikit-learn. It knows no framework, no clock and no database."""
