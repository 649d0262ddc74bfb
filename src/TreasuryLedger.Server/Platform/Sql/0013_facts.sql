-- What outside systems told, as they told it. A payload is kept before anything is made of it; what was made of it can be
-- made again from here at any time, because facts are found by their ids.
create table ledger.sources (
    tenant  text collate "C" not null,
    journal text collate "C" not null,
    source  text collate "C" not null,
    version integer not null check (version > 0),
    terms   jsonb not null,
    made_by text not null,
    made_at timestamptz not null default clock_timestamp(),
    primary key (tenant, journal, source, version)
);

comment on table ledger.sources is 'Who is who at a source; the highest version counts';

create table ledger.payloads (
    tenant      text collate "C" not null,
    journal     text collate "C" not null,
    hash        bytea not null check (octet_length(hash) = 32),
    source      text collate "C" not null,
    name        text,
    bytes       bigint not null check (bytes >= 0),
    -- Of a message: its own id, which is taken once, and what it is about.
    event       text collate "C",
    subject     text collate "C",
    received_by text not null,
    received_at timestamptz not null default clock_timestamp(),
    primary key (tenant, journal, hash)
);

comment on table ledger.payloads is 'Raw files and messages by their SHA-256';

create unique index payloads_event on ledger.payloads (tenant, journal, source, event) where event is not null;
create index payloads_subject on ledger.payloads (tenant, journal, source, subject) where subject is not null;
create index payloads_received on ledger.payloads (tenant, journal, received_at);

create table ledger.payload_parts (
    tenant  text collate "C" not null,
    journal text collate "C" not null,
    hash    bytea not null,
    part    integer not null check (part >= 0),
    content bytea not null,
    primary key (tenant, journal, hash, part)
);

-- Evidence names the hash of a row; this is the first payload in which the row stood.
create table ledger.payload_rows (
    tenant  text collate "C" not null,
    journal text collate "C" not null,
    hash    bytea not null check (octet_length(hash) = 32),
    payload bytea not null,
    number  bigint not null check (number > 0),
    primary key (tenant, journal, hash)
);

-- What came of making entries of a payload; the newest run says what is still open in it.
create table ledger.payload_runs (
    tenant  text collate "C" not null,
    journal text collate "C" not null,
    payload bytea not null,
    run_at  timestamptz not null default clock_timestamp(),
    run_by  text not null,
    report  jsonb not null,
    primary key (tenant, journal, payload, run_at)
);

-- Messages that were kept and not yet run: what a server that stopped in between left, another one takes up.
create table ledger.payloads_waiting (
    tenant  text collate "C" not null,
    journal text collate "C" not null,
    payload bytea not null,
    since   timestamptz not null default clock_timestamp(),
    primary key (tenant, journal, payload)
);
