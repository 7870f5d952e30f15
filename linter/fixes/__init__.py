"""Mending what rules find: rule files say how in data, and here that becomes edits of the text that was scanned.

A rule's `mend` names primitive changes (`set`, `remove`, `replace`) or a mender in Python (`by`), and what makes it
safe: that all that works stays as it is and only the fault goes. Changes are said of the *data* (this entry gets this
value), turned into the smallest edits of the *text*, and every edited text is read again: only where it then says
exactly what was meant, and nothing else has changed, is there a fix at all. Nothing is edited through an alias, in
what a template or an expression decides, or in a file with a syntax error.
"""
