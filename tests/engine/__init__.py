"""Tests of the two engines that build what grows with the answers."""
