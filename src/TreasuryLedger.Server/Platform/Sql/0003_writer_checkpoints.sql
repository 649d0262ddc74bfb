-- What writers keep in memory, written down now and then so that a start does not read a long journal. Derived: each is
-- right for one position of its journal's chain, and ignored if the chain has another hash there.
create table ledger.writer_checkpoints (
    tenant   text collate "C" not null,
    journal  text collate "C" not null,
    position bigint not null check (position > 0),
    part     integer not null check (part >= 0),
    hash     bytea not null check (octet_length(hash) = 32),
    body     bytea not null,
    primary key (tenant, journal, position, part)
);

-- The bytes are dense already: trying to compress them costs more than it saves.
alter table ledger.writer_checkpoints alter column body set storage external;

comment on table ledger.writer_checkpoints is 'State of writers at positions; derived, may be deleted at any time';
