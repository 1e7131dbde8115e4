-- How the versions of TLS come and go, month by month.
-- DuckDB over a Parquet file with a row for each message:
--     headertls scan --messages messages.parquet mail/
-- The entry counts, by which a message came in from outside. Without a version there is its
-- transport: 'plaintext', 'not_recorded', or 'encrypted' where the line says TLS and not which.
SELECT
    strftime(timezone('UTC', entry_timestamp), '%Y-%m') AS month,
    coalesce(entry_tls_version, entry_transport) AS version,
    count(*) AS messages,
    round(messages / sum(messages) OVER (PARTITION BY month), 3) AS share
FROM read_parquet('messages.parquet')
WHERE entry_timestamp IS NOT NULL
GROUP BY month, version
ORDER BY month, version;
