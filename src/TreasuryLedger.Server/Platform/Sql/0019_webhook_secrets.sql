-- Secrets of webhooks lie sealed (AES-256-GCM) under keys that only the servers' settings have: a dump signs nothing.
-- A sealed one is nonce (12), ciphertext (32) and tag (16); `secret_key` names the key.
alter table ledger.webhooks
    drop constraint webhooks_secret_check,
    drop constraint webhooks_previous_secret_check,
    add column secret_key text,
    add column previous_secret_key text,
    add constraint webhooks_previous_key check (previous_secret is not null or previous_secret_key is null),
    -- Rows from before are sealed when a server starts; nobody adds or changes one that is not.
    add constraint webhooks_sealed check (
        removed_at is not null
        or (secret_key is not null and octet_length(secret) = 60
            and (previous_secret is null
                or (previous_secret_key is not null and octet_length(previous_secret) = 60)))) not valid,
    -- What is removed signs no more: its secrets are gone.
    add constraint webhooks_forgotten check (
        removed_at is null or (octet_length(secret) = 0 and previous_secret is null)) not valid;
update ledger.webhooks
set secret = '', secret_key = null, previous_secret = null, previous_secret_key = null, previous_until = null
where removed_at is not null;
