-- In which database the journals of a tenant lie (ops/decisions: several databases). Only the main database's rows count.
-- A tenant is assigned once: the application may add rows and change none.
create table ledger.tenants (
    tenant      text collate "C" primary key,
    database    text collate "C" not null,
    assigned_at timestamptz not null default clock_timestamp()
);

comment on table ledger.tenants is 'In which database the journals of each tenant lie; assigned once';

-- Whoever had a journal before there were further databases has it here.
insert into ledger.tenants (tenant, database) select distinct tenant, 'main' from ledger.heads;

-- Which of a ledger's databases this is. Written once, so that a connection string that names the wrong one is found
-- before anything is written into it.
create table ledger.identity (
    only_row boolean primary key default true check (only_row),
    ledger   uuid not null,
    name     text collate "C" not null
);

comment on table ledger.identity is 'Of which ledger this database is, and under which name';
