"""Tests of the watch over the nights."""
