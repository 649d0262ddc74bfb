-- Who approves is not who asked: held here too, whatever the program is made to record. The database knows names of
-- actors and what was proposed; what an instruction is worth it does not know, that is for the program to say.

-- What later entries are held against, found without going through a journal.
create index entries_asked on ledger.entries (tenant, journal, event_type)
    where event_type in ('four_eyes_set_v1', 'terms_proposed_v1', 'decision_proposed_v1', 'period_sealed_v1');

create function ledger.refuse_one_person(journal text, version bigint, why text) returns void
language plpgsql
set search_path = pg_catalog
as $refuse$
begin
    raise exception 'Entry % of % %.', version, journal, why using errcode = 'restrict_violation';
end
$refuse$;

-- As whoever inserts, who is shown the entries of the tenant that the new one must belong to.
create function ledger.guard_four_eyes() returns trigger
language plpgsql
set search_path = pg_catalog
as $guard$
declare
    kind constant text := new.data ->> 'type';
    said constant jsonb := new.data -> 'event';
    actor constant text := coalesce(new.data ->> 'actor', '');
    voided constant bigint := (new.data ->> 'voids')::bigint;
    policies constant text[] := '{limits_set_v1,playbook_adopted_v1,four_eyes_set_v1}';
    is_ruled constant boolean := exists (
        select from ledger.entries e
        where e.tenant = new.tenant_id and e.journal = new.stream_id and e.event_type = 'four_eyes_set_v1');
    target jsonb;
    other jsonb;
    asked jsonb;
    was text;
begin
    if kind is distinct from new.type then
        perform ledger.refuse_one_person(new.stream_id, new.version, 'is of two kinds');
    end if;
    if voided is not null then
        select e.data into target from journal.mt_events e
        where e.tenant_id = new.tenant_id and e.stream_id = new.stream_id and e.version = voided;
        was := target ->> 'type';
    end if;

    if coalesce(said ->> 'proposedBy', said ->> 'declinedBy', actor) <> actor
        and kind not in ('terms_proposed_v1', 'decision_proposed_v1')
    then
        perform ledger.refuse_one_person(new.stream_id, new.version, 'is said to be by somebody else');
    end if;
    if was = 'change_proposed_v1' then
        if exists (
            select from ledger.entries e
            where e.tenant = new.tenant_id and e.journal = new.stream_id and e.voids = voided
              and e.position <> new.version)
        then
            perform ledger.refuse_one_person(new.stream_id, new.version, 'ends a proposal once more');
        end if;
        if kind = 'proposal_declined_v1' then
            return new;
        end if;
        if actor in ('', target ->> 'actor', target -> 'event' ->> 'proposedBy') then
            perform ledger.refuse_one_person(new.stream_id, new.version, 'is approved by who proposed it');
        end if;
        if jsonb_build_object('type', kind, 'event', said) is distinct from target -> 'event' -> 'change' then
            perform ledger.refuse_one_person(new.stream_id, new.version, 'is not what was proposed');
        end if;
        return new;
    end if;

    if kind = 'proposal_declined_v1' then
        perform ledger.refuse_one_person(new.stream_id, new.version, 'declines nothing');
    end if;
    if is_ruled and (kind = any (policies) or (kind = 'terms_adopted_v1' and said ->> 'book' <> 'official')) then
        perform ledger.refuse_one_person(new.stream_id, new.version, 'is a policy that nobody proposed');
    end if;
    if was in ('proposal_declined_v1', 'four_eyes_set_v1', 'terms_proposed_v1', 'decision_proposed_v1',
            'period_closed_v1', 'period_sealed_v1', 'reopening_requested_v1', 'period_reopened_v1')
        or (is_ruled and (was = any (policies) or was = 'terms_adopted_v1'))
        or (was in ('terms_adopted_v1', 'basis_allocated_v1', 'standing_order_given_v1')
            and target -> 'event' ->> 'book' = 'official')
    then
        perform ledger.refuse_one_person(new.stream_id, new.version, 'takes back what two persons decide');
    end if;

    if kind = 'terms_adopted_v1' and said ->> 'book' = 'official' and not exists (
        select from ledger.entries e
        join journal.mt_events p on p.tenant_id = e.tenant and p.stream_id = e.journal and p.version = e.position
        where e.tenant = new.tenant_id and e.journal = new.stream_id and e.event_type = 'terms_proposed_v1'
          and p.data -> 'event' -> 'terms' = said -> 'terms' and p.data ->> 'effectiveAt' = new.data ->> 'effectiveAt'
          and actor not in ('', p.data ->> 'actor', p.data -> 'event' ->> 'proposedBy'))
    then
        perform ledger.refuse_one_person(new.stream_id, new.version, 'adopts terms that nobody else proposed');
    end if;
    if kind in ('basis_allocated_v1', 'standing_order_given_v1') and said ->> 'book' = 'official' and not exists (
        select from ledger.entries e
        join journal.mt_events p on p.tenant_id = e.tenant and p.stream_id = e.journal and p.version = e.position
        where e.tenant = new.tenant_id and e.journal = new.stream_id and e.event_type = 'decision_proposed_v1'
          and p.data -> 'event' -> 'decision' = jsonb_build_object('type', kind, 'event', said)
          and p.data ->> 'effectiveAt' = new.data ->> 'effectiveAt'
          and actor not in ('', p.data ->> 'actor', p.data -> 'event' ->> 'proposedBy'))
    then
        perform ledger.refuse_one_person(new.stream_id, new.version, 'decides of lots what nobody else proposed');
    end if;

    if kind = 'period_reopened_v1' then
        select p.data into other from ledger.entries e
        join journal.mt_events p on p.tenant_id = e.tenant and p.stream_id = e.journal and p.version = e.position
        where e.tenant = new.tenant_id and e.journal = new.stream_id and e.event_type = 'period_sealed_v1'
          and p.data -> 'event' -> 'closing' = said -> 'closing';
        select e.data into asked from journal.mt_events e
        where e.tenant_id = new.tenant_id and e.stream_id = new.stream_id and e.version = (said ->> 'request')::bigint;
        if other is not null and (
            asked ->> 'type' is distinct from 'reopening_requested_v1'
            or asked -> 'event' -> 'seal' is distinct from other -> 'position'
            or actor in ('', other ->> 'actor', other -> 'event' ->> 'sealedBy', asked ->> 'actor',
                asked -> 'event' ->> 'requestedBy'))
        then
            perform ledger.refuse_one_person(new.stream_id, new.version, 'reopens what one person sealed or asked for');
        end if;
    end if;
    return new;
end
$guard$;

-- The condition is looked at without a call, so what moves units pays next to nothing for it.
create trigger four_eyes before insert on journal.mt_events for each row
when (new.type is distinct from new.data ->> 'type' or new.data ? 'voids'
    or new.type in ('change_proposed_v1', 'proposal_declined_v1', 'four_eyes_set_v1', 'limits_set_v1',
        'playbook_adopted_v1', 'terms_adopted_v1', 'basis_allocated_v1', 'standing_order_given_v1',
        'period_reopened_v1'))
execute function ledger.guard_four_eyes();
