"""PostgreSQL and Valkey from wheels, on private unix sockets: for laptops and tests, not for servers."""
