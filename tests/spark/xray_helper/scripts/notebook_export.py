#!/usr/bin/env python
# coding: utf-8

# # Explore the towns

# In[1]:


import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()


# In[2]:


df = spark.range(1000).withColumnRenamed("id", "n")  # ~ range.withColumnRenamed executed
df.show(3)  # -> show


# In[3]:


df.describe().show()  # -> describe, show


# In[4]:


small = df.where("n < 5").toPandas()  # -> toPandas; ~ where executed
small


# In[5]:


# get_ipython().run_line_magic('matplotlib', 'inline')
df.cache()
df.count(), df.take(2)  # -> count, take


# In[6]:


df.unpersist()
