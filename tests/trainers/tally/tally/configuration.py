"""Its settings: one file for each table."""

KEEPS_ORDER = {"shuffle": False}


def config_name(run, method):
    """Return the file of a training's settings."""
    return f"{run}.yaml"


def config_files(tables, words):
    """Return the settings of every table."""
    return {config_name(table.name, "count"): "shuffle: false\n" for table in tables}
