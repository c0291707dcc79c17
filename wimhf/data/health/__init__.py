"""What is wrong with the data before any model: the health panel."""

from wimhf.data.health.check import Health, check_health
from wimhf.data.health.item import Checked, Cut, Item

__all__ = ["Checked", "Cut", "Health", "Item", "check_health"]
