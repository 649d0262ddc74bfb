-- Who asked for what, and how it ended: one row a request, written behind the answers. Whoever nobody knows has
-- the tenant '-'. The application adds rows and changes none; old ones are removed by the owner alone (runbook: access).
create table ledger.access_log (
    tenant       text collate "C" not null,
    number       bigint generated always as identity,
    at           timestamptz not null,
    request_id   text not null,
    actor        text,
    key_id       text,
    method       text not null,
    route        text,
    journal      text,
    as_of        text,
    known_at     text,
    status       integer not null,
    code         text,
    milliseconds bigint not null,
    -- Requests before this one that could not be noted.
    missed       bigint not null,
    primary key (tenant, number)
);

comment on table ledger.access_log is 'Requests, who made them and how they ended';
