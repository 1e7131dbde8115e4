-- Who brings us mail in plaintext, and what share of theirs that is.
-- DuckDB over a Parquet file with a row for each message:
--     headertls scan --messages messages.parquet mail/
-- The entry counts, by which a message came in from outside. A sender is a mail operator, a domain,
-- or an address; behind a `~` it is only what the client called itself. A share below 1 means that
-- not all mail of the sender came in plaintext.
SELECT
    entry_sender AS sender,
    count(*) FILTER (entry_transport = 'plaintext') AS in_plaintext,
    count(*) AS messages,
    round(in_plaintext / messages, 2) AS share,
    max(entry_timestamp) FILTER (entry_transport = 'plaintext') AS latest
FROM read_parquet('messages.parquet')
WHERE entry_sender IS NOT NULL
GROUP BY sender
HAVING in_plaintext > 0
ORDER BY in_plaintext DESC, sender;
