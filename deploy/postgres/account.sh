# Read by the image's own start, once, when the database is made. Kreis works as an account that owns its own database
# and may do nothing else: not read files of the server, not start programs, not see other databases.
psql --set ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname postgres --set password="$KREIS_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE kreis LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE kreis OWNER kreis;
REVOKE ALL ON DATABASE kreis, postgres FROM PUBLIC;
SQL
