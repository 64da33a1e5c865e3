-- acgs: role=superuser
-- Views of the service schemas are built on pg_stat_statements, whose objects are in public. PUBLIC may have lost
-- its usage there, so those who need it get it by name: the owner for making the views, all clients because the
-- functions beneath a view are called as whoever reads it.

GRANT USAGE ON SCHEMA public TO acgs_owner, acgs_client;
GRANT SELECT ON public.pg_stat_statements, public.pg_stat_statements_info TO acgs_owner, acgs_monitor;
