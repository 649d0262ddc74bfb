-- Roots of full parts of the Merkle tree over a journal, so that a proof need not read the whole journal. Derived from
-- ledger.entries: whoever doubts them deletes them, and the next proof writes them again. `verify` compares them.
create table ledger.subtrees (
    tenant  text collate "C" not null,
    journal text collate "C" not null,
    -- Of the entries from block * 1024 + 1 to (block + 1) * 1024.
    block   bigint not null check (block >= 0),
    root    bytea not null check (octet_length(root) = 32),
    primary key (tenant, journal, block)
);

comment on table ledger.subtrees is 'Roots over 1,024 entries each; derived';
