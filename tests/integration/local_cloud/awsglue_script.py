# SPDX-License-Identifier: Apache-2.0
"""A Glue script as public ones are; it prints one line of JSON for each thing that it tries."""

import json
import sys
from collections.abc import Callable
from typing import Any

from pyspark.context import SparkContext

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import (
    ApplyMapping,
    DropFields,
    DropNullFields,
    Filter,
    Join,
    Map,
    Relationalize,
    RenameField,
    ResolveChoice,
    SelectFields,
    Spigot,
    SplitFields,
    SplitRows,
    UnnestFrame,
)
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket", "note"])
glue_context = GlueContext(SparkContext.getOrCreate())
spark = glue_context.spark_session
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
root = f"s3://{args['bucket']}/awsglue"


def show(name: str, value: Any) -> None:
    print("=", name, json.dumps(value))


def rows(frame: Any) -> list[dict[str, Any]]:
    """Return the records, in the order of their text."""
    return sorted((json.loads(text) for text in frame.toDF().toJSON().collect()), key=json.dumps)


def types(frame: Any) -> dict[str, str]:
    return dict(frame.toDF().dtypes)


def refusal(attempt: Callable[[], Any]) -> str:
    try:
        attempt()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "none"


def read(path: str, kind: str, **options: Any) -> Any:
    return glue_context.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [f"{root}/{path}"], "recurse": True},
        format=kind,
        format_options=options,
        transformation_ctx=path,
    )


show("arguments", {name: args[name] for name in ("JOB_NAME", "note", "job_bookmark_option")})
show("session", [spark.range(10).count(), type(glue_context.get_logger()).__name__])


def options(*words: str, wanted: str) -> str:
    return refusal(lambda: show(f"option_{wanted}", getResolvedOptions(["script", *words], [wanted])[wanted]))


show(
    "options",
    [
        options("--unknown", "1", "--number", "-1", wanted="number"),
        options("--equals=--x", wanted="equals"),
        options("--word", "-x", wanted="word"),
        options(wanted="nowhere"),
        options("--job-bookmark-option", "job-bookmark-enable", wanted="job-bookmark-option"),
    ],
)
orders = read("orders.csv", "csv", withHeader=True)
show("csv", [types(orders), orders.count()])
show("csv_without_header", types(read("orders.csv", "csv")))
mapped = ApplyMapping.apply(
    frame=orders,
    mappings=[
        ("id", "string", "id", "long"),
        ("who", "string", "person.name", "string"),
        ("price", "string", "price", "double"),
        ("nowhere", "string", "nowhere", "int"),
    ],
)
show("ApplyMapping", [types(mapped), rows(mapped)])
show("SelectFields", types(SelectFields.apply(frame=mapped, paths=["price", "nowhere"])))
show("DropFields", types(DropFields.apply(frame=mapped, paths=["person.name"])))
renamed = RenameField.apply(mapped, "person.name", "name")
show("RenameField", types(renamed))
show("Filter", [types(f := Filter.apply(frame=mapped, f=lambda r: r["price"] > 2)), rows(f)])


def with_tax(record: Any) -> Any:
    record["tax"] = round(record["price"] * 0.5, 2)
    del record["person"]
    return record


taxed = Map.apply(frame=mapped, f=with_tax)
show("Map", [types(taxed), rows(taxed), [taxed.errorsCount(), taxed.stageErrorsCount()]])
after = taxed.drop_fields(["tax"])
show("errors", [after.errorsCount(), after.stageErrorsCount()])
show("threshold", refusal(lambda: Map.apply(frame=mapped, f=with_tax, stageThreshold=1)))


def two_types(record: Any) -> Any:
    record["id"] = record["id"] if record["id"] == 1 else "two"
    return record


show("two_types", refusal(lambda: Map.apply(frame=mapped, f=two_types)))
show("Join", rows(Join.apply(taxed, renamed, "id", "id")))
show("ResolveChoice", types(ResolveChoice.apply(orders, specs=[("id", "cast:int"), ("who", "make_cols")])))
show("SplitRows", {k: SplitRows.apply(mapped, {"price": {">": 2}})[k].count() for k in ("frame1", "frame2")})
show(
    "SplitFields",
    {k: types(v) for k, v in zip("lr", SplitFields.apply(mapped, ["id"], "l", "r").values(), strict=True)},
)
show("UnnestFrame", sorted(types(UnnestFrame.apply(mapped))))
show("union", [(both := mapped.union(renamed)).count(), sorted(types(both))])
show(
    "partitions",
    [mapped.repartition(3).getNumPartitions(), mapped.repartition(3).coalesce(1).getNumPartitions()],
)
show("Spigot", [Spigot.apply(mapped, f"{root}/spigot", {"topk": 2}).count(), read("spigot", "json").count()])

nested = read("nested.json", "json")
show("DropNullFields", [types(nested)["empty"], sorted(types(DropNullFields.apply(nested)))])
tables = Relationalize.apply(frame=nested, staging_path=f"{root}/staging", name="root")
show("Relationalize", {name: rows(tables.select(name)) for name in sorted(tables.keys())})

glue_context.write_dynamic_frame.from_options(
    frame=mapped,
    connection_type="s3",
    connection_options={"path": f"{root}/out/parquet", "partitionKeys": ["id"]},
    format="parquet",
)
show("parquet", [types(back := read("out/parquet", "parquet")), rows(back)])
for _ in range(2):  # Glue adds files, it replaces none
    glue_context.write_dynamic_frame.from_options(
        renamed, "s3", {"path": f"{root}/out/csv"}, "csv", {"separator": "|"}
    )
show("csv_again", rows(read("out/csv", "csv", withHeader=True, separator="|")))
glue_context.write_dynamic_frame.from_options(renamed, "s3", {"path": f"{root}/out/json"}, "json")
show("json", rows(read("out/json", "json")))

sales = glue_context.create_dynamic_frame.from_catalog(database="shop", table_name="sales")
show("from_catalog", [types(sales), rows(sales)])
pruned = glue_context.create_dynamic_frame.from_catalog(
    database="shop", table_name="sales", push_down_predicate="year = '2025'"
)
show("push_down_predicate", pruned.count())

sink = glue_context.getSink(
    connection_type="s3",
    path=f"{root}/out/table",
    partitionKeys=["year"],
    enableUpdateCatalog=True,
    updateBehavior="UPDATE_IN_DATABASE",
)
sink.setCatalogInfo(catalogDatabase="shop", catalogTableName="made")
sink.setFormat("glueparquet")
sink.writeFrame(sales)
made = glue_context.create_dynamic_frame.from_catalog(database="shop", table_name="made")
show("enableUpdateCatalog", [types(made), rows(made)])
glue_context.write_dynamic_frame.from_catalog(frame=sales, database="shop", table_name="sales")
again = glue_context.create_dynamic_frame.from_catalog(database="shop", table_name="sales")
show("write_from_catalog", rows(again))
frame = DynamicFrame.fromDF(spark.range(3), glue_context, "numbers")
show("fromDF", [frame.count(), frame.schema().fields[0].dataType.typeName(), frame.name])

show(
    "missing",
    [
        refusal(lambda: glue_context.create_dynamic_frame.from_options("mysql", {"url": "jdbc:mysql://x"})),
        refusal(lambda: read("orders.csv", "xml", rowTag="a")),
        refusal(lambda: mapped.unbox("person", "json")),
        refusal(lambda: glue_context.purge_s3_path(root)),
        refusal(lambda: read("orders.csv", "csv", withSchema="{}")),
    ],
)
job.commit()
job.commit()
