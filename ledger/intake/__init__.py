"""What comes in from customers: mails, web servers' logs, and the keys that let people in."""
