"""Measurements of Laurel. Run them all: make bench"""
