"""One form of all units as a workbook (汇总): the activities, the units' own figures, where everything comes from."""
