"""What is asked of students: sheets to print, quizzes for Moodle, and questions in the terminal.

Reads exercises, their lines, and the slips of the lab. Open `sheets.py` first.
"""
