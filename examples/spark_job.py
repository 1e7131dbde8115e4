"""The hops of a store of mail, read by Spark: a job for `spark-submit`.

    spark-submit examples/spark_job.py SOURCE TARGET

SOURCE is a folder of files, each with one message; TARGET gets Parquet files of the hops. Both may
be on any storage that the cluster knows: `s3a://`, `hdfs://`, `abfss://`, `gs://`. It needs the
extra `spark`, and Java.
"""

import argparse

from pyspark.sql import SparkSession
from pyspark.sql.functions import substring

from headertls import spark as headertls_spark

HEADER = 1 << 20  # octets: no longer header is read, so bodies need not travel to Python


def write_hops(session: SparkSession, source: str, target: str) -> None:
    """Read the messages below *source*, and write their hops to *target*."""
    files = session.read.format("binaryFile").option("recursiveFileLookup", "true").load(source)
    mail = files.withColumn("raw", substring("content", 1, HEADER))
    hops = headertls_spark.hops(mail, keep=["path"])
    hops.write.mode("overwrite").parquet(target)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("source")
    parser.add_argument("target")
    given = parser.parse_args()
    write_hops(SparkSession.builder.appName("headertls").getOrCreate(), given.source, given.target)
