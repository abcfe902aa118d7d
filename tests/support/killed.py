"""The beginning of a program that dies, as by a kill, before one of its calls that touch a file."""

MORTAL = """
import os, sys

left = 1 << 30  # such calls; the program sets it

def die(event, arguments):
    global left
    if event in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir"):
        left -= 1
        if left < 0:
            os._exit(9)

sys.addaudithook(die)
"""
