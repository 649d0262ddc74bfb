-- The program may have a login of its own, under any name, with the rights of treasury_app: a head goes only forward for it
-- too. Who has the owner's rights, or all, restores a database and is let through. Looked at only where one goes back.
drop trigger only_forward on ledger.heads;

create trigger only_forward before update on ledger.heads for each row
when ((new.position < old.position or new.recorded_at < old.recorded_at or new.settled_at < old.settled_at
        or (new.position = old.position and new.hash is distinct from old.hash))
    and not pg_has_role('treasury_owner', 'usage'))
execute function ledger.refuse_head_back();
