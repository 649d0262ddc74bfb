-- Beside the event store's own tables (schema journal): the head of each journal, an index row for each entry, erasable
-- texts, and keys. The tenant leads every key, so that tenants can be moved to another database one day.

-- One row a journal. Whoever holds its lock may append; nobody else can.
create table ledger.heads (
    tenant      text collate "C" not null,
    journal     text collate "C" not null,
    position    bigint not null check (position >= 0),
    recorded_at timestamptz not null,
    hash        bytea not null check (octet_length(hash) = 32),
    replayed    boolean not null,
    -- An answer was given as known at this instant: nothing may ever be recorded at or before it.
    settled_at  timestamptz not null,
    primary key (tenant, journal)
) with (fillfactor = 50);

comment on table ledger.heads is 'Where each journal stands; the lock that orders its writers';

-- One row an entry: what is looked up, and the chain. Everything in it is also in the stored entry.
create table ledger.entries (
    tenant          text collate "C" not null,
    journal         text collate "C" not null,
    position        bigint not null check (position > 0),
    idempotency_key text collate "C" not null,
    payload_hash    bytea not null check (octet_length(payload_hash) = 32),
    fact_id         text collate "C" not null,
    event_type      text collate "C" not null,
    effective_at    timestamptz not null,
    recorded_at     timestamptz not null,
    voids           bigint check (voids < position),
    hash            bytea not null check (octet_length(hash) = 32),
    primary key (tenant, journal, position)
);

comment on table ledger.entries is 'Index and hash chain of the stored entries';

-- These begin with what tells rows apart and not with the tenant: the planner, which knows little of a table that grows
-- by the second, cannot take one of them for the primary key or the reverse (it did, and read a journal for each key).
create unique index entries_request on ledger.entries (idempotency_key, journal, tenant);
-- A fact is claimed once. A correction keeps the fact of what it voids, which is voided once.
create unique index entries_fact on ledger.entries (fact_id, journal, tenant) where voids is null;
create unique index entries_voids on ledger.entries (voids, journal, tenant) where voids is not null;

-- Free text, beside the chain: the entry holds only the salted digest.
create table ledger.texts (
    tenant    text collate "C" not null,
    journal   text collate "C" not null,
    position  bigint not null,
    field     text collate "C" not null,
    salt      bytea,
    text      text,
    erased_at timestamptz,
    primary key (tenant, journal, position, field),
    check ((erased_at is null) = (salt is not null and text is not null)),
    check (erased_at is null or (salt is null and text is null))
);

comment on table ledger.texts is 'Free text of entries; erasing one leaves the chain verifiable';

create table ledger.api_keys (
    tenant     text collate "C" not null,
    id         text collate "C" not null unique,
    hash       bytea not null,
    actor      text not null,
    created_at timestamptz not null default clock_timestamp(),
    revoked_at timestamptz,
    primary key (tenant, id)
);

-- Erases the text of an entry, salt included, so that its digest says nothing any more. For the owner alone.
create function ledger.erase_text(tenant text, journal text, "position" bigint) returns bigint
language plpgsql
set search_path = pg_catalog
as $erase$
declare
    erased bigint;
begin
    update ledger.texts t
    set salt = null, text = null, erased_at = pg_catalog.clock_timestamp()
    where t.tenant = $1 and t.journal = $2 and t.position = $3 and t.erased_at is null;
    get diagnostics erased = row_count;
    return erased;
end
$erase$;

revoke all on function ledger.erase_text(text, text, bigint) from public;
