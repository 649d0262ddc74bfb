-- Roles: run by the login that the operator gave, which may create roles or finds them made already.
-- treasury_owner  owns every table and is used by migrations and repairs alone
-- treasury_app    what the program runs as: it can add to a journal and change nothing in it
-- treasury_reader reads journals, for auditors and reports
do $roles$
declare
    wanted text;
begin
    foreach wanted in array array['treasury_owner', 'treasury_app', 'treasury_reader'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nologin', wanted);
            exception when duplicate_object or unique_violation then
                null; -- another start made it in the same moment
            end;
        end if;
        if not pg_has_role(current_user, wanted, 'member') then
            execute format('grant %I to %I', wanted, current_user);
        end if;
    end loop;
    execute format('grant create, connect on database %I to treasury_owner', current_database());
    execute format('grant connect on database %I to treasury_app, treasury_reader', current_database());
end
$roles$;

create schema if not exists ledger authorization treasury_owner;
create schema if not exists journal authorization treasury_owner;
create schema if not exists wolverine authorization treasury_owner;
