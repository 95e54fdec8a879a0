"""The provider's internal site: all customers at once."""
