"""What people are told: notices in the application, and mail."""
