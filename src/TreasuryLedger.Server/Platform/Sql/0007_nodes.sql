-- What the nodes of one database sign their requests to each other with. Whoever can read it is a node.
create table ledger.node_secret (
    only_row boolean primary key default true check (only_row),
    secret   bytea not null check (octet_length(secret) = 32)
);

comment on table ledger.node_secret is 'What nodes sign their requests to each other with';

-- gen_random_uuid() is PostgreSQL's strong random source: twice 122 bits.
insert into ledger.node_secret (secret) values (sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea));
