-- The entries of each journal once more, in the compact form that folds read (Journal/NarrowBlock.cs): one row a commit,
-- written in its transaction; for what was recorded before this table existed, rows are made by whoever reads first.
-- Derived, and never the truth: `check` compares it with the stored events, `rebuild` makes it anew.
create table ledger.narrow (
    tenant  text collate "C" not null,
    journal text collate "C" not null,
    first   bigint not null check (first > 0),
    last    bigint not null check (last >= first),
    body    bytea not null,
    primary key (tenant, journal, last)
);

-- Its bytes are dense already: compressing them costs the commit more than the disk gains.
alter table ledger.narrow alter column body set storage external;

comment on table ledger.narrow is 'Entries in the form that folds read; derived from the stored events';

-- A rebuild writes here first, and moves its rows over in one transaction.
create table ledger.narrow_rebuilt (like ledger.narrow including all);

comment on table ledger.narrow_rebuilt is 'Rows of a rebuild that is under way; nobody reads them';
