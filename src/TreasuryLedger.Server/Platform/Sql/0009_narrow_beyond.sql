-- A narrow row beyond its journal's head is nobody's: a restore that took tables from different moments leaves it. The
-- commit that reaches its last position would fail, and so would every one after it. The application cannot delete narrow
-- rows; with this, which a writer calls once when it starts, it can drop exactly those that are derived from nothing.
create function ledger.drop_narrow_beyond(tenant text, journal text) returns bigint
language plpgsql
security definer
set search_path = pg_catalog
as $drop$
declare
    head bigint;
    dropped bigint;
begin
    select h.position into strict head from ledger.heads h where h.tenant = $1 and h.journal = $2 for update;
    delete from ledger.narrow n where n.tenant = $1 and n.journal = $2 and n.last > head;
    get diagnostics dropped = row_count;
    return dropped;
end
$drop$;

revoke all on function ledger.drop_narrow_beyond(text, text) from public;
