-- The second wall between tenants, behind the application's: a role that runs for a tenant says which, in the transaction
-- and for no longer, and is shown that tenant's rows alone. Policies.sql puts a policy on every table that has a tenant.
create procedure ledger.for_tenant(tenant text)
language plpgsql
as $for$
begin
    perform pg_catalog.set_config('treasury.tenant', tenant, true);
end
$for$;

-- Some work goes over all tenants. What it may see beyond one is told by these functions and by nothing else: names, where
-- journals stand and how far lists reach; never an entry, a text or a figure.

-- Which journals there are a row of; with what is derived from them, or without.
create function ledger.every_journal(derived boolean) returns table (tenant text, journal text)
language sql stable security definer
set search_path = pg_catalog
as $journals$
    select tenant, journal from ledger.heads
    union select tenant, journal from ledger.entries
    union select tenant_id, id from journal.mt_streams
    union select tenant_id, stream_id from journal.mt_events
    union select tenant, journal from ledger.texts
    union select tenant, journal from ledger.narrow where derived
    union select tenant, journal from ledger.writer_checkpoints where derived
    union select tenant, journal from lists.progress where derived
    union select tenant, journal from lists.entries where derived
    union select tenant, journal from lists.movements where derived
    union select tenant, journal from lists.prices where derived
$journals$;

-- Which webhooks have somebody to tell now, those that wait longest first; and how all of them stand, in numbers.
create function ledger.every_webhook_due(at_most bigint) returns table (tenant text, journal text, id text)
language sql stable security definer
set search_path = pg_catalog
as $due$
    select w.tenant, w.journal, w.id
    from ledger.webhooks w join ledger.heads h on h.tenant = w.tenant and h.journal = w.journal
    where w.removed_at is null and w.paused_at is null and w.next_at <= clock_timestamp() and h.position > w.position
    order by w.next_at
    limit at_most
$due$;

create function ledger.webhook_totals() returns table (webhooks bigint, failing bigint, paused bigint, behind bigint)
language sql stable security definer
set search_path = pg_catalog
as $totals$
    select count(*),
        count(*) filter (where w.failures > 0 and w.paused_at is null),
        count(*) filter (where w.paused_at is not null),
        coalesce(sum(h.position - w.position) filter (where w.paused_at is null), 0)::bigint
    from ledger.webhooks w join ledger.heads h on h.tenant = w.tenant and h.journal = w.journal
    where w.removed_at is null
$totals$;

-- Where they stand.
create function ledger.every_head()
returns table (tenant text, journal text, "position" bigint, recorded_at timestamptz, hash bytea)
language sql stable security definer
set search_path = pg_catalog
as $heads$
    select tenant, journal, "position", recorded_at, hash from ledger.heads
$heads$;

-- Which of them lists do not reach.
create function ledger.every_journal_behind()
returns table (tenant text, journal text, head bigint, "position" bigint, stopped_at bigint, stopped_since timestamptz,
    reason text)
language sql stable security definer
set search_path = pg_catalog
as $behind$
    select h.tenant, h.journal, h.position, coalesce(p.position, 0), p.stopped_at, p.stopped_since, p.reason
    from ledger.heads h left join lists.progress p on p.tenant = h.tenant and p.journal = h.journal
    where h.position > coalesce(p.position, 0)
$behind$;

-- In which database each tenant lies.
create function ledger.every_tenant() returns table (tenant text, database text, assigned_at timestamptz)
language sql stable security definer
set search_path = pg_catalog
as $tenants$
    select tenant, database, assigned_at from ledger.tenants
$tenants$;

-- The key that somebody shows, of whom nobody knows yet whose it is. That it is used is noted once a minute at most, so
-- that a key in use costs no write a request.
create function ledger.shown_key(id text) returns setof ledger.api_keys
language plpgsql security definer
set search_path = pg_catalog
as $shown$
begin
    update ledger.api_keys k set last_used_at = clock_timestamp()
    where k.id = $1 and (k.last_used_at is null or k.last_used_at < clock_timestamp() - interval '1 minute');
    return query select * from ledger.api_keys k
        where k.id = $1 and k.revoked_at is null and k.approved_by is not null;
end
$shown$;

revoke all on function ledger.every_journal(boolean), ledger.every_head(), ledger.every_journal_behind(),
    ledger.every_tenant(), ledger.shown_key(text), ledger.every_webhook_due(bigint), ledger.webhook_totals() from public;
