"""What baosong knows by rule: campaign, roster, names, placing, judging.

Pure: no I/O, no clock, no other package of ours.
"""
