-- Which hosts bring us mail in plaintext, and what share of theirs that is.
-- DuckDB over a Parquet file of `headertls.arrow.HOP_SCHEMA`: one row for each hop.
-- Only the entry hop is looked at, by which a message came in from outside: what stands below it is
-- a claim. A share below 1 means that the host can do TLS, and does not always.
SELECT
    coalesce(client_rdns, client_helo, client_address, '(not named)') AS sender,
    count(*) FILTER (transport = 'plaintext') AS plaintext,
    count(*) AS messages,
    round(plaintext / messages, 2) AS share,
    max(timestamp) FILTER (transport = 'plaintext') AS latest
FROM read_parquet('hops.parquet')
WHERE is_entry
GROUP BY sender
HAVING plaintext > 0
ORDER BY plaintext DESC, sender;
