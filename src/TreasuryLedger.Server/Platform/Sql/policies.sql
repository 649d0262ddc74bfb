-- Whose rows a role is shown. Run after every migration, because new tables start without a policy. The owner is shown
-- everything: migrations, repairs and keys are its work.
do $policies$
declare
    kept record;
begin
    for kept in
        select c.oid::regclass as named, a.attname as tenant
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname in ('tenant', 'tenant_id') and not a.attisdropped
        where c.relkind in ('r', 'p')
          and c.relnamespace in ('ledger'::regnamespace, 'journal'::regnamespace, 'lists'::regnamespace)
          and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'own_tenant')
    loop
        execute format('alter table %s enable row level security', kept.named);
        execute format(
            'create policy own_tenant on %s to treasury_app using (%I = current_setting(''treasury.tenant'', true))',
            kept.named, kept.tenant);
        -- Auditors read the journals of all tenants, and nothing that is not granted to them.
        execute format('create policy every_tenant on %s for select to treasury_reader using (true)', kept.named);
    end loop;
end
$policies$;
