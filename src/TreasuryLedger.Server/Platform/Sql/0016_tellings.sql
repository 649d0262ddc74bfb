-- What a custodian told of its transactions, and when it had last changed that: whatever order messages come in, the newest
-- one counts.
create table ledger.tellings (
    tenant     text collate "C" not null,
    journal    text collate "C" not null,
    source     text collate "C" not null,
    subject    text collate "C" not null,
    hash       bytea not null check (octet_length(hash) = 32),
    updated_at timestamptz not null,
    is_failed  boolean not null,
    fact       text collate "C",
    primary key (tenant, journal, source, subject, hash)
);

comment on table ledger.tellings is 'Final statuses of transactions at custodians, by the row that told them';

-- Which messages wait, of all tenants: names and nothing of what they say.
create function ledger.every_payload_waiting(since_seconds integer)
returns table (tenant text, journal text, payload bytea)
language sql stable security definer
set search_path = pg_catalog
as $waiting$
    select tenant, journal, payload from ledger.payloads_waiting
    where since <= clock_timestamp() - make_interval(secs => since_seconds)
    order by since
    limit 200
$waiting$;

revoke all on function ledger.every_payload_waiting(integer) from public;
