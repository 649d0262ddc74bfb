-- Who is told of the entries of a journal. The journal is the outbox: a row here says how far somebody was told, and
-- nothing is written while entries are recorded.
create table ledger.webhooks (
    tenant          text collate "C" not null,
    journal         text collate "C" not null,
    id              text collate "C" not null,
    url             text not null,
    kinds           text[] not null,
    secret          bytea not null check (octet_length(secret) = 32),
    previous_secret bytea check (octet_length(previous_secret) = 32),
    previous_until  timestamptz,
    position        bigint not null check (position >= 0),
    -- Raised whenever somebody sets the position by hand, so that a delivery under way does not set it back.
    generation      bigint not null default 0,
    attempts        bigint not null default 0,
    failures        integer not null default 0,
    failing_since   timestamptz,
    next_at         timestamptz not null default clock_timestamp(),
    paused_at       timestamptz,
    paused_because  text,
    made_at         timestamptz not null default clock_timestamp(),
    made_by         text not null,
    removed_at      timestamptz,
    removed_by      text,
    primary key (tenant, journal, id),
    check ((previous_secret is null) = (previous_until is null)),
    check ((paused_at is null) = (paused_because is null)),
    check ((removed_at is null) = (removed_by is null))
) with (fillfactor = 50);

comment on table ledger.webhooks is 'Who is told of entries, and how far';
comment on column ledger.webhooks.position is 'Every entry up to it was taken by the receiver, or was not asked for';
comment on column ledger.webhooks.failures is 'Attempts that failed since one succeeded';

-- Each attempt, the newest ten thousand of a webhook.
create table ledger.webhook_deliveries (
    tenant       text collate "C" not null,
    journal      text collate "C" not null,
    webhook      text collate "C" not null,
    number       bigint not null,
    position     bigint not null,
    at           timestamptz not null default clock_timestamp(),
    status       integer,
    fault        text,
    milliseconds integer not null,
    primary key (tenant, journal, webhook, number),
    check ((status is null) <> (fault is null))
);

comment on table ledger.webhook_deliveries is 'Attempts to tell somebody of an entry';
