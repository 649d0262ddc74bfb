-- What becomes of a break between what a source tells and what the ledger says: one row a step, never changed. The number
-- of a step is taken once, so that two people cannot decide on the same standing.
create table ledger.break_steps (
    tenant  text collate "C" not null,
    journal text collate "C" not null,
    break   text collate "C" not null,
    step    integer not null check (step > 0),
    status  text not null check (status in ('opened', 'assigned', 'accepted', 'resolved')),
    about   jsonb,
    owner   text,
    note    text,
    made_by text not null,
    made_at timestamptz not null default clock_timestamp(),
    primary key (tenant, journal, break, step),
    check (status <> 'opened' or about is not null),
    check (status <> 'assigned' or owner is not null)
);

comment on table ledger.break_steps is 'Breaks found by reconciliation, and what people did about them';
