-- How the versions of TLS come and go, month by month.
-- DuckDB over a Parquet file of `headertls.arrow.HOP_SCHEMA`: one row for each hop.
-- Entry hops only. A hop without a version has its transport instead: 'plaintext',
-- 'not_recorded', or 'encrypted' where the line says TLS and not which.
SELECT
    strftime(timezone('UTC', timestamp), '%Y-%m') AS month,
    coalesce(tls_version, transport) AS version,
    count(*) AS messages,
    round(messages / sum(messages) OVER (PARTITION BY month), 3) AS share
FROM read_parquet('hops.parquet')
WHERE is_entry AND timestamp IS NOT NULL
GROUP BY month, version
ORDER BY month, version;
