-- What a key may do, until when, who made it and who approved that. Keys from before could do everything, and still can.
alter table ledger.api_keys
    add column roles        text[] not null default '{custodian,accountant,compliance,risk,admin}',
    add column treasuries   text[] not null default '{}',
    add column accounts     text[] not null default '{}',
    add column expires_at   timestamptz,
    add column last_used_at timestamptz,
    -- The operator, who has the database in hand, makes keys alone; everybody else needs a second person.
    add column made_by      text not null default 'operator',
    add column approved_by  text default 'operator',
    add column approved_at  timestamptz,
    add column revoked_by   text,
    add column rotates      text,
    add constraint api_keys_roles check (roles <@ '{custodian,accountant,compliance,risk,admin}'),
    add constraint api_keys_second_person check (made_by = 'operator' or rotates is not null or approved_by <> made_by);
alter table ledger.api_keys alter column roles drop default;
alter table ledger.api_keys alter column approved_by drop default;
update ledger.api_keys set approved_at = created_at;

comment on column ledger.api_keys.roles is 'What the key may do; empty: nothing';
comment on column ledger.api_keys.approved_by is 'The second person; a key that nobody approved does not work';

-- Whatever the program is made to ask for: it cannot approve a key in the statement that makes it, act as the operator,
-- or widen what a key may do. A successor (rotates) may at most what its predecessor may, which must still work.
create function ledger.guard_api_key() returns trigger
language plpgsql
set search_path = pg_catalog
as $guard$
declare
    before ledger.api_keys;
begin
    if pg_has_role(current_user, 'treasury_owner', 'member') then
        return new;
    end if;
    if tg_op = 'UPDATE' then
        if old.approved_by is not null and new.approved_by is distinct from old.approved_by then
            raise exception 'the approval of a key stands';
        end if;
        if old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at then
            raise exception 'a revoked key stays revoked';
        end if;
        if old.expires_at is not null and (new.expires_at is null or new.expires_at > old.expires_at) then
            raise exception 'a key does not live longer than it was approved for';
        end if;
        if new.approved_by = 'operator' and old.approved_by is distinct from 'operator' then
            raise exception 'only the operator approves as operator';
        end if;
        return new;
    end if;
    if new.made_by = 'operator' then
        raise exception 'only the operator makes keys as operator';
    end if;
    if new.rotates is null then
        if new.approved_by is not null then
            raise exception 'a key is approved after it was made';
        end if;
        return new;
    end if;
    select * into before from ledger.api_keys k
    where k.id = new.rotates and k.tenant = new.tenant and k.actor = new.actor and k.revoked_at is null
      and k.approved_by is not null and (k.expires_at is null or k.expires_at > clock_timestamp());
    if not found
        or new.roles <> before.roles or new.treasuries <> before.treasuries or new.accounts <> before.accounts
        or new.expires_at is distinct from before.expires_at or new.approved_by is distinct from before.approved_by
    then
        raise exception 'a successor is for the same caller, with the same grant, of a key that works';
    end if;
    return new;
end
$guard$;

create trigger guard before insert or update on ledger.api_keys
    for each row execute function ledger.guard_api_key();
