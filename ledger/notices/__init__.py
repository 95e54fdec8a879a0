"""What people have to be told in time, and how it reaches them."""
