-- Fills of an exchange whose files have whole seconds and no numbers: in which second a payload begins and ends, and the fills
-- there. A payload may be cut inside these two seconds; what stands at two cuts may be one fill or two.
create table ledger.fill_spans (
    tenant  text collate "C" not null,
    journal text collate "C" not null,
    source  text collate "C" not null,
    payload bytea not null check (octet_length(payload) = 32),
    pair    text collate "C" not null,
    oldest  timestamptz not null,
    newest  timestamptz not null check (newest >= oldest),
    edges   jsonb not null,
    primary key (tenant, journal, source, pair, payload)
);

comment on table ledger.fill_spans is 'Where payloads that tell fills begin and end';
