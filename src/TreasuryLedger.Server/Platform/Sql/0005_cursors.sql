-- Cursors are signed, so that one that somebody changed is refused instead of answered.
create table ledger.cursor_keys (key bytea not null check (octet_length(key) = 32));

insert into ledger.cursor_keys values
    (sha256(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')));

-- An erased text changes an answer whose viewpoint is the same: how many there are is part of what an answer stands on.
create index texts_erased on ledger.texts (tenant, journal) where erased_at is not null;
