"""Statements as PDF documents; the only importers of ReportLab, which is an extra."""
