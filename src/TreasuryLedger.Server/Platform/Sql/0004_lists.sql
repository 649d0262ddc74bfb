-- What lists are read from: derived from the journals, filled behind the writers, and rebuilt beside itself at any time
-- (ops/decisions: lists). Nothing in it is a record; whatever is lost here is derived again. A rebuild runs this very
-- script under another name of the schema.
create schema lists;

-- How far each journal's rows reach. A journal's positions have no gaps, so this one number says what is there: every
-- entry up to it, and none behind it.
create table lists.progress (
    tenant        text collate "C" not null,
    journal       text collate "C" not null,
    position      bigint not null check (position >= 0),
    -- The entry that could not be applied, and why: nothing behind it is applied either.
    stopped_at    bigint check (stopped_at = position + 1),
    stopped_since timestamptz,
    reason        text,
    primary key (tenant, journal),
    check ((stopped_at is null) = (stopped_since is null) and (stopped_at is null) = (reason is null))
) with (fillfactor = 50);

comment on table lists.progress is 'How far the rows of each journal reach';

-- One row an entry: by what entries are found. Recorded order is the order of positions.
create table lists.entries (
    tenant       text collate "C" not null,
    journal      text collate "C" not null,
    position     bigint not null,
    effective_at timestamptz not null,
    event_type   text collate "C" not null,
    mode         text collate "C" not null,
    quality      text collate "C" not null,
    actor        text collate "C" not null,
    source       text collate "C" not null,
    fact_id      text collate "C" not null,
    constraint entries_at primary key (tenant, journal, position)
);

comment on table lists.entries is 'By what the entries of journals are found';

create index entries_effective on lists.entries (tenant, journal, effective_at);
create index entries_type on lists.entries (tenant, journal, event_type, position);
create index entries_actor on lists.entries (tenant, journal, actor, position);
create index entries_source on lists.entries (tenant, journal, source, position);
create index entries_fact on lists.entries (tenant, journal, fact_id);

-- One row for each change of units that an entry says, and for each account or asset that it names without one.
create table lists.movements (
    tenant   text collate "C" not null,
    journal  text collate "C" not null,
    position bigint not null,
    leg      smallint not null,
    side     text collate "C" not null,
    account  text collate "C",
    asset    text collate "C",
    units    numeric(78, 0),
    constraint movements_at primary key (tenant, journal, position, leg)
);

comment on table lists.movements is 'Changes of units, signed, in smallest units; and what entries name';

create index movements_account on lists.movements (tenant, journal, account, position, leg);
create index movements_asset on lists.movements (tenant, journal, asset, position, leg);

-- One row a price.
create table lists.prices (
    tenant   text collate "C" not null,
    journal  text collate "C" not null,
    position bigint not null,
    asset    text collate "C" not null,
    currency text collate "C" not null,
    price    numeric not null,
    constraint prices_at primary key (tenant, journal, position)
);

comment on table lists.prices is 'Recorded prices, currency per whole token';

create index prices_pair on lists.prices (tenant, journal, asset, currency, position);
