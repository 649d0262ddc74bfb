-- The program's role must move a head with every commit, and so could put one back: readers would not see what was
-- recorded, a seal among it. To that role going back is refused; who restores a database is somebody else.
create function ledger.refuse_head_back() returns trigger
language plpgsql
set search_path = pg_catalog
as $refuse$
begin
    raise exception 'The head of % goes from position % only forward.', old.journal, old.position
        using errcode = 'restrict_violation';
end
$refuse$;

-- The condition is looked at without a call, so a commit pays next to nothing for it.
create trigger only_forward before update on ledger.heads for each row
when (current_user = 'treasury_app'
    and (new.position < old.position or new.recorded_at < old.recorded_at or new.settled_at < old.settled_at
        or (new.position = old.position and new.hash is distinct from old.hash)))
execute function ledger.refuse_head_back();
